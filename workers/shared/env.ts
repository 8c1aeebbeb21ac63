import { ConfigurationError } from "./errors/configurationError.ts";

/** A process environment, or a literal standing in for it in tests. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Bounds and default of a whole-number setting. */
export interface IntegerRule {
  readonly default?: number;
  readonly min: number;
  readonly max: number;
}

const INTEGER = /^-?\d{1,15}$/;
const TRUE = new Set(["true", "1", "yes"]);
const FALSE = new Set(["false", "0", "no"]);

/**
 * Reads settings from the environment and gathers problems instead of stopping at the first: call done()
 * after the last read. An empty variable counts as unset. Bad values never turn into the default silently.
 *
 * @example
 * const env = new EnvReader(process.env);
 * const batchSize = env.integer("CLEANUP_BATCH_SIZE", { default: 200, min: 1, max: 10_000 });
 * env.done(); // throws ConfigurationError with every problem
 */
export class EnvReader {
  readonly #environment: Environment;
  readonly #problems: string[] = [];

  constructor(environment: Environment) {
    this.#environment = environment;
  }

  /** A whole number within its bounds; without a default it is required. */
  integer(name: string, rule: IntegerRule): number {
    const text = this.#read(name);
    if (text === undefined) {
      if (rule.default !== undefined) return rule.default;
      this.#problems.push(`${name} is not set; give a whole number from ${rule.min} to ${rule.max}`);
      return rule.min;
    }
    const value = INTEGER.test(text) ? Number(text) : Number.NaN;
    if (Number.isNaN(value) || value < rule.min || value > rule.max) {
      this.#problems.push(`${name} is "${text}"; give a whole number from ${rule.min} to ${rule.max}`);
      return rule.min;
    }
    return value;
  }

  /** Free text; without a default it is required. */
  text(name: string, fallback?: string): string {
    const text = this.#read(name) ?? fallback;
    if (text === undefined) this.#problems.push(`${name} is not set; it has no default`);
    return text ?? "";
  }

  /** Free text that may be missing. */
  optionalText(name: string): string | undefined {
    return this.#read(name);
  }

  /** true/1/yes or false/0/no, in any case. */
  flag(name: string, fallback: boolean): boolean {
    const text = this.#read(name)?.toLowerCase();
    if (text === undefined) return fallback;
    if (TRUE.has(text)) return true;
    if (!FALSE.has(text)) this.#problems.push(`${name} is "${text}"; give true or false`);
    return false;
  }

  /** One of a fixed set of words. */
  choice<const T extends string>(name: string, allowed: readonly T[], fallback: T): T {
    const text = this.#read(name);
    if (text === undefined) return fallback;
    const found = allowed.find((option) => option === text);
    if (found === undefined) this.#problems.push(`${name} is "${text}"; allowed: ${allowed.join(", ")}`);
    return found ?? fallback;
  }

  /** Adds a problem that the caller found, such as two settings that contradict each other. */
  problem(text: string): void {
    this.#problems.push(text);
  }

  /** @throws ConfigurationError when any read so far was not usable */
  done(): void {
    if (this.#problems.length > 0) throw new ConfigurationError(this.#problems);
  }

  #read(name: string): string | undefined {
    const text = this.#environment[name]?.trim();
    return text === "" ? undefined : text;
  }
}
