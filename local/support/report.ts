/** One finished step of a run and how long it took. */
export interface Phase {
  readonly name: string;
  readonly seconds: number;
}

/** Where a run tells what it does. Progress goes to standard error, so that results on standard output stay clean. */
export interface Reporter {
  /** Runs one step, prints its name and its seconds, and remembers both. */
  phase<T>(name: string, work: () => Promise<T>): Promise<T>;
  /** A line of detail below the running step. */
  detail(text: string): void;
  /** A line that must not be overlooked. */
  notice(text: string): void;
  /** The finished steps, in order. */
  readonly phases: readonly Phase[];
}

/** Reports to a stream, a line at a time: readable on a terminal and in a CI log alike. */
export function streamReporter(write: (line: string) => void): Reporter {
  const phases: Phase[] = [];
  return {
    phases,
    async phase(name, work) {
      write(`▸ ${name}`);
      const started = performance.now();
      const result = await work();
      const seconds = Math.round((performance.now() - started) / 100) / 10;
      phases.push({ name, seconds });
      write(`✓ ${name}  ${seconds.toFixed(1)} s`);
      return result;
    },
    detail: (text) => write(`    ${text}`),
    notice: (text) => write(`!   ${text}`),
  };
}

/** A reporter on standard error. */
export function consoleReporter(): Reporter {
  return streamReporter((line) => process.stderr.write(`${line}\n`));
}
