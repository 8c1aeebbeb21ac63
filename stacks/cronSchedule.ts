/** Cron schedules as Kubernetes reads them: checking the syntax, and how far apart runs may be. Pure. */

const MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const WEEKDAYS = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

interface Field {
  readonly min: number;
  readonly max: number;
  readonly names?: readonly string[];
}

const FIELDS: readonly Field[] = [
  { min: 0, max: 59 },
  { min: 0, max: 23 },
  { min: 1, max: 31 },
  { min: 1, max: 12, names: MONTHS },
  { min: 0, max: 6, names: WEEKDAYS },
];

function valueOf(text: string, field: Field): number | undefined {
  const named = field.names?.indexOf(text.toLowerCase()) ?? -1;
  if (named >= 0) return named + field.min;
  if (!/^\d{1,2}$/.test(text)) return undefined;
  const value = Number(text);
  return value >= field.min && value <= field.max ? value : undefined;
}

/** The values that one item of a list stands for: `*`, `5`, `1-5`, each with `/step` if wanted. */
function expandItem(item: string, field: Field): readonly number[] | undefined {
  const [range = "", step, ...rest] = item.split("/");
  if (rest.length > 0 || (step !== undefined && !/^[1-9]\d?$/.test(step))) return undefined;
  const [from = "", to, ...more] = range.split("-");
  if (more.length > 0) return undefined;
  const first = from === "*" && to === undefined ? field.min : valueOf(from, field);
  const open = from === "*" || (to === undefined && step !== undefined);
  const last = to === undefined ? (open ? field.max : first) : valueOf(to, field);
  if (first === undefined || last === undefined || first > last) return undefined;
  const values: number[] = [];
  for (let value = first; value <= last; value += Number(step ?? 1)) values.push(value);
  return values;
}

function expandField(text: string, field: Field): ReadonlySet<number> | undefined {
  const values = new Set<number>();
  for (const item of text.split(",")) {
    const expanded = expandItem(item, field);
    if (expanded === undefined) return undefined;
    for (const value of expanded) values.add(value);
  }
  return values;
}

function expand(schedule: string): readonly ReadonlySet<number>[] | undefined {
  const texts = schedule.split(" ");
  if (texts.length !== FIELDS.length) return undefined;
  const sets = FIELDS.map((field, index) => expandField(texts[index] ?? "", field));
  return sets.every((set) => set !== undefined) ? sets : undefined;
}

/** True for five fields (minute, hour, day, month, weekday) that Kubernetes accepts. Macros such as @daily are not. */
export function isCronSchedule(schedule: string): boolean {
  return expand(schedule) !== undefined;
}

/**
 * The longest stretch between two runs, in whole days rounded up, over a year of 12 months of 31 days: never
 * less than the truth by more than the shortness of a month.
 * @throws RangeError when the text is no cron schedule
 */
export function longestGapDays(schedule: string): number {
  const sets = expand(schedule);
  if (sets === undefined) throw new RangeError(`not a cron schedule: "${schedule}"`);
  const [, , days, months, weekdays] = sets;
  const [, , dayText = "*", , weekdayText = "*"] = schedule.split(" ");
  const start = Date.UTC(2024, 0, 1);
  let longest = 0;
  let previous: number | undefined;
  // Eight years hold each combination of date and weekday that a leap year allows.
  for (let day = 0; day < 8 * 366; day++) {
    const date = new Date(start + day * 86_400_000);
    if (months?.has(date.getUTCMonth() + 1) !== true) continue;
    const onDay = days?.has(date.getUTCDate()) === true;
    const onWeekday = weekdays?.has(date.getUTCDay()) === true;
    // Cron's own rule: with both fields restricted, one match is enough.
    const either = !dayText.startsWith("*") && !weekdayText.startsWith("*");
    if (either ? !(onDay || onWeekday) : !(onDay && onWeekday)) continue;
    if (previous !== undefined) longest = Math.max(longest, day - previous);
    previous = day;
  }
  return longest === 0 ? 8 * 366 : longest;
}
