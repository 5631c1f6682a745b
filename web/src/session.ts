/** The pasted token: kept for this tab only, never in a cookie and never on disk. */
const KEY = "atlante-token";

export const bearer = (): string | null => sessionStorage.getItem(KEY);

export const keep = (token: string): void => sessionStorage.setItem(KEY, token);

export const forget = (): void => sessionStorage.removeItem(KEY);
