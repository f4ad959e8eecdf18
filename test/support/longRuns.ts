/** Whether tests that gain from it take their time: they do on CI, and where CI is set. */
export const longRuns = Boolean(process.env['CI']);
