/** The words of the page, in the language in use. */
import type { Lang } from "../api";
import { en } from "./en";
import { it } from "./it";

export type Key = keyof typeof it;

/** Whether there are words for it: a server may say what this page has never heard of. */
export const known = (key: string): key is Key => key in it;

const WORDS: Record<Lang, Record<Key, string>> = { it, en };
let lang: Lang = "it";

export const speak = (chosen: Lang): void => {
  lang = chosen;
  document.documentElement.lang = chosen;
};

/** A sentence with its `{gaps}` filled. */
export function t(key: Key, gaps: Record<string, string | number> = {}): string {
  return (WORDS[lang][key] ?? key).replace(/\{(\w+)\}/g, (whole, name: string) => String(gaps[name] ?? whole));
}
