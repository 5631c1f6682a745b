/** News from the server: a stream that comes back by itself, ever more patiently. */
import { credentials } from "./api";

export interface News {
  generation: string;
  as_of: string;
  /** What changed: null is all. Below `from_zoom` a hexagon is larger than a cell, so all did if any did. */
  changed: { resolution: number; from_zoom?: number; cells: string[] | null; layers?: string[] | null } | null;
}

const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 60_000;

export interface Message {
  id: string | null;
  event: string;
  data: string;
}

/** One block of an event stream; none where it is a comment alone. */
export function parse(block: string): Message | null {
  const message: Message = { id: null, event: "message", data: "" };
  let said = false;
  for (const line of block.split(/\r\n|\r|\n/)) {
    const [, name = "", value = ""] = /^([^:]*):? ?(.*)$/.exec(line) ?? [];
    if (name === "data") message.data += said ? `\n${value}` : value;
    if (name === "event") message.event = value;
    if (name === "id") message.id = value;
    said ||= name === "data";
  }
  return said ? message : null;
}

/** `EventSource` cannot say who asks, so the stream is read by hand. */
export async function listen(path: string, last: string | null, signal: AbortSignal, heard: (message: Message) => void): Promise<void> {
  const headers = { ...credentials("text/event-stream"), ...(last ? { "Last-Event-ID": last } : {}) };
  const response = await fetch(new URL(path, document.baseURI), { headers, signal, cache: "no-store" });
  if (!response.ok || !response.body) throw new Error(`HTTP ${response.status}`);
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let kept = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    const blocks = (kept + value).split(/\r\n\r\n|\n\n|\r\r/);
    kept = blocks.pop() ?? "";
    for (const block of blocks) {
      const message = parse(block);
      if (message) heard(message);
    }
  }
}

/** Follows the server for as long as the page is open. */
export function follow(since: string, news: (news: News) => void): void {
  let last: string | null = since;
  let wait = FIRST_WAIT_MS;
  let stop = new AbortController();
  const again = (): void => {
    stop.abort();
    stop = new AbortController();
    const { signal } = stop;
    const heard = (message: Message): void => {
      wait = FIRST_WAIT_MS;
      last = message.id ?? last;
      if (message.event === "generation") news(JSON.parse(message.data) as News);
    };
    const later = (): void => {
      if (signal.aborted) return;
      const jitter = 0.75 + Math.random() / 2;
      setTimeout(() => !signal.aborted && again(), wait * jitter);
      wait = Math.min(LONGEST_WAIT_MS, wait * 2);
    };
    listen("events", last, signal, heard).then(later, later);
  };
  addEventListener("online", () => {
    wait = FIRST_WAIT_MS;
    again();
  });
  addEventListener("offline", () => stop.abort());
  addEventListener("pagehide", () => stop.abort());
  addEventListener("pageshow", (event) => event.persisted && again());
  again();
}
