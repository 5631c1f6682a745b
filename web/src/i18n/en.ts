/** English, beside the Italian, by place. */
import type { it } from "./it";
import { frame } from "./en/frame";
import { map } from "./en/map";
import { order } from "./en/order";
import { people } from "./en/people";
import { plans } from "./en/plans";
import { roads } from "./en/roads";

export const en: Record<keyof typeof it, string> = { ...frame, ...map, ...people, ...plans, ...order, ...roads };
