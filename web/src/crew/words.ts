/** The words of the crew's page: small enough to be carried whole. */
import { en } from "./en";
import { it } from "./it";

export type Key = keyof typeof it;
export type Lang = "it" | "en";

const WORDS: Record<Lang, Record<Key, string>> = { it, en };
let lang: Lang = "it";

export const spoken = (): Lang => lang;

export const speak = (chosen: Lang): void => {
  lang = chosen;
  document.documentElement.lang = chosen;
};

/** A sentence with its `{gaps}` filled. */
export const t = (key: Key, gaps: Record<string, string | number> = {}): string =>
  WORDS[lang][key].replace(/\{(\w+)\}/g, (whole, name: string) => String(gaps[name] ?? whole));
