/** Italian: the first language of the page, by place. Other languages have exactly these keys. */
import { frame } from "./it/frame";
import { map } from "./it/map";
import { order } from "./it/order";
import { people } from "./it/people";
import { plans } from "./it/plans";
import { roads } from "./it/roads";

export const it = { ...frame, ...map, ...people, ...plans, ...order, ...roads } as const;
