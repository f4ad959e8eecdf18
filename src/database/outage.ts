/** A database that cannot be reached, or does not answer in time. What went wrong is its cause. */
export class DatabaseUnreachable extends Error {
  override readonly name = 'DatabaseUnreachable';
}

const diskFull = '53100';

// The error codes of Postgres that are about its state and not about the statement: repeated later, it may succeed.
const codes = new Set([
  diskFull,
  '25006', // read_only_sql_transaction: a standby, or a primary that has become one
  '25P03', // idle_in_transaction_session_timeout
  '25P04', // transaction_timeout
  '40001', // serialization_failure
  '40P01', // deadlock_detected
  '55P03', // lock_not_available
  '57014', // query_canceled, by statement_timeout
  '58030', // io_error
]);
// 08 connection exception, 53 insufficient resources, 57P operator intervention
const classes = /^(?:08...|53...|57P..)$/;

/** Whether a failure is that the database was not reached, or did not answer in time. */
export function isUnreachable(error: unknown): boolean {
  return hasCause(error, (cause) => cause instanceof DatabaseUnreachable);
}

/** Whether a failure is due to the state of the database, and may pass; not to a statement or a value. */
export function isOutage(error: unknown): boolean {
  return hasCause(error, (cause) => {
    if (cause instanceof DatabaseUnreachable) return true;
    const code = codeOf(cause);
    return code !== null && (codes.has(code) || classes.test(code));
  });
}

/** Whether the database has no room to write. */
export function isDiskFull(error: unknown): boolean {
  return hasCause(error, (cause) => codeOf(cause) === diskFull);
}

function codeOf(error: Error): string | null {
  return 'code' in error && typeof error.code === 'string' ? error.code : null;
}

function hasCause(error: unknown, isIt: (cause: Error) => boolean): boolean {
  for (let cause = error; cause instanceof Error; cause = causeOf(cause)) {
    if (isIt(cause)) return true;
  }
  return false;
}

function causeOf(error: Error): unknown {
  return 'originalError' in error && error.originalError ? error.originalError : error.cause;
}
