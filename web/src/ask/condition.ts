/** Conditions as the controls set them, and the same in CQL2: what one writes the other reads. */
import type { Field } from "./api";

export type Condition =
  | { kind: "range"; field: string; from: number | null; to: number | null }
  | { kind: "flag"; field: string; is: boolean | null }
  | { kind: "oneof"; field: string; keys: string[] }
  | { kind: "period"; field: string; from: string | null; to: string | null }
  | { kind: "words"; field: string; contains: string };

/** The condition that a field starts with: for a count "at least one", for the rest nothing yet. */
export function begin(field: Field): Condition {
  switch (field.kind) {
    case "flag":
      return { kind: "flag", field: field.name, is: true };
    case "whole":
      return { kind: "range", field: field.name, from: Number(field.min ?? 0) < 1 ? 1 : null, to: null };
    case "number":
      return { kind: "range", field: field.name, from: null, to: null };
    case "date":
    case "instant":
      return { kind: "period", field: field.name, from: null, to: null };
    default:
      return (field.choices ?? []).length > 0
        ? { kind: "oneof", field: field.name, keys: [] }
        : { kind: "words", field: field.name, contains: "" };
  }
}

const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;

function bounds(field: string, from: string | null, to: string | null): string {
  if (from !== null && from === to) return `${field} = ${from}`;
  if (from !== null && to !== null) return `${field} >= ${from} AND ${field} <= ${to}`;
  if (from !== null) return `${field} >= ${from}`;
  return to === null ? "" : `${field} <= ${to}`;
}

/** A condition in CQL2 text; empty where it asks for nothing. */
function cql(condition: Condition): string {
  const { field } = condition;
  switch (condition.kind) {
    case "range":
      return bounds(field, condition.from === null ? null : String(condition.from), condition.to === null ? null : String(condition.to));
    case "flag":
      return condition.is === null ? `${field} IS NULL` : `${field} = ${condition.is ? "TRUE" : "FALSE"}`;
    case "oneof":
      if (condition.keys.length === 0) return "";
      return condition.keys.length === 1 ? `${field} = ${quoted(condition.keys[0] ?? "")}` : `${field} IN (${condition.keys.map(quoted).join(", ")})`;
    case "period": {
      const day = (text: string | null): string | null => (text === null ? null : `DATE('${text}')`);
      return bounds(field, day(condition.from), day(condition.to));
    }
    case "words": {
      const words = condition.contains.trim();
      return words === "" ? "" : `CASEI(${field}) LIKE CASEI(${quoted(`%${words}%`)})`;
    }
  }
}

export const filterOf = (conditions: Condition[]): string => conditions.map(cql).filter((text) => text !== "").join(" AND ");

const NAME = "([a-z_]\\w*)";
const NUMBER = "(-?\\d+(?:\\.\\d+)?)";
const TEXT = "'((?:[^']|'')*)'";
const plain = (text: string): string => text.replaceAll("''", "'");

/** One form of a condition each: what stands there, and the condition it makes. */
const FORMS: [RegExp, (found: string[]) => Condition][] = [
  [new RegExp(`^${NAME}\\s+between\\s+${NUMBER}\\s+and\\s+${NUMBER}`, "i"), ([, field = "", from, to]) => ({ kind: "range", field, from: Number(from), to: Number(to) })],
  [new RegExp(`^${NAME}\\s*(>=|<=|=)\\s*${NUMBER}`, "i"), ([, field = "", sign, value]) => ({ kind: "range", field, from: sign === "<=" ? null : Number(value), to: sign === ">=" ? null : Number(value) })],
  [new RegExp(`^${NAME}\\s*(>=|<=|=)\\s*date\\(\\s*'(\\d{4}-\\d\\d-\\d\\d)'\\s*\\)`, "i"), ([, field = "", sign, day = ""]) => ({ kind: "period", field, from: sign === "<=" ? null : day, to: sign === ">=" ? null : day })],
  [new RegExp(`^${NAME}\\s*=\\s*(true|false)\\b`, "i"), ([, field = "", is]) => ({ kind: "flag", field, is: is?.toLowerCase() === "true" })],
  [new RegExp(`^${NAME}\\s+is\\s+null\\b`, "i"), ([, field = ""]) => ({ kind: "flag", field, is: null })],
  [new RegExp(`^${NAME}\\s*=\\s*${TEXT}`, "i"), ([, field = "", key = ""]) => ({ kind: "oneof", field, keys: [plain(key)] })],
  [new RegExp(`^${NAME}\\s+in\\s*\\(\\s*((?:'(?:[^']|'')*'\\s*,?\\s*)+)\\)`, "i"), ([, field = "", list = ""]) => ({ kind: "oneof", field, keys: [...list.matchAll(/'((?:[^']|'')*)'/g)].map((one) => plain(one[1] ?? "")) })],
  [new RegExp(`^casei\\(\\s*${NAME}\\s*\\)\\s+like\\s+casei\\(\\s*'%((?:[^'%_]|'')*)%'\\s*\\)`, "i"), ([, field = "", words = ""]) => ({ kind: "words", field, contains: plain(words) })],
];

/** Whether the controls of a field can show a condition. */
function fits(condition: Condition, field: Field | undefined): boolean {
  if (!field) return false;
  const natural = begin(field);
  if (natural.kind !== condition.kind) return false;
  return condition.kind !== "oneof" || condition.keys.every((key) => field.choices?.some((choice) => choice.key === key));
}

/** Two halves of one range are one condition. */
function joined(before: Condition[], next: Condition): Condition[] | null {
  const other = before.find(({ field }) => field === next.field);
  if (!other) return [...before, next];
  const halves = (other.kind === "range" && next.kind === "range") || (other.kind === "period" && next.kind === "period");
  if (!halves || (other.from !== null && next.from !== null) || (other.to !== null && next.to !== null)) return null;
  const whole = { ...other, from: other.from ?? next.from, to: other.to ?? next.to } as Condition;
  return before.map((condition) => (condition === other ? whole : condition));
}

/** The conditions that a filter in CQL2 is made of; none where it says more than the controls can. */
export function read(filter: string, fields: Field[]): Condition[] | null {
  let rest = filter.trim();
  let found: Condition[] = [];
  while (rest !== "") {
    const form = FORMS.map(([shape, make]) => ({ match: shape.exec(rest), make })).find(({ match }) => match !== null);
    if (!form?.match) return null;
    const condition = form.make([...form.match]);
    const together = fits(condition, fields.find(({ name }) => name === condition.field)) ? joined(found, condition) : null;
    if (!together) return null;
    found = together;
    rest = rest.slice(form.match[0].length).trimStart();
    if (rest === "") break;
    const and = /^and\b/i.exec(rest);
    if (!and) return null;
    rest = rest.slice(and[0].length).trimStart();
    if (rest === "") return null;
  }
  return found;
}
