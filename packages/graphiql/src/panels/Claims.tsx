import type { Session } from '@sallyport/client';
import { useState } from 'react';
import { describeClaim, readClaims } from '../accounts/claims.ts';
import { useAction } from '../useAction.ts';
import { ErrorText } from './ErrorText.tsx';

/** What the access token says. It is read when one looks, because looking may take a refresh. */
export function Claims({ session }: { session: Session }) {
  const [claims, setClaims] = useState<Readonly<Record<string, unknown>>>({});
  const { run, error } = useAction();
  const read = () =>
    run(async () => {
      const token = await session.accessToken();
      setClaims(token === null ? {} : readClaims(token));
    });
  return (
    <details onToggle={(event) => void (event.currentTarget.open && read())}>
      <summary>What the token says</summary>
      <ErrorText error={error} />
      <dl className="claims">
        {Object.entries(claims).map(([name, value]) => {
          const { value: text, meaning } = describeClaim(name, value);
          return (
            <div key={name}>
              <dt>
                <code>{name}</code> <span className="small">{meaning}</span>
              </dt>
              <dd>{text}</dd>
            </div>
          );
        })}
      </dl>
    </details>
  );
}
