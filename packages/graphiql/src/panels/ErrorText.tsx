/** What went wrong, where it went wrong. */
export function ErrorText({ error }: { error: Error | null }) {
  return (
    <p role="alert" className={error ? 'error' : 'nothing'}>
      {error?.message}
    </p>
  );
}
