/** Takes a step that undoes what was just done. */
export type Later = (step: () => unknown) => void;

/** Runs the work and then, whether it failed or not, everything it left for later: the last first, and each of them. */
export async function withCleanUp<Result>(
  work: (later: Later) => Promise<Result>,
): Promise<Result> {
  const steps: (() => unknown)[] = [];
  try {
    return await work((step) => void steps.push(step));
  } finally {
    for (const step of steps.toReversed()) {
      try {
        await step();
      } catch (error) {
        console.error(error);
        process.exitCode = 1;
      }
    }
  }
}
