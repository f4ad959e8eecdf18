import type { Session } from '@sallyport/client';
import { useEffect, useState } from 'react';
import { readClaims } from '../accounts/claims.ts';
import { printSeconds, tokenTimes } from '../accounts/tokenTimes.ts';
import { useNow, usePage } from '../usePage.ts';

/** How long the token is good, and how long it counts as fresh. */
export function TokenBars({ session }: { session: Session }) {
  const { access } = usePage();
  const times = tokenTimes(session, useNow());
  const lifeSeconds = useLifeSeconds(session);
  if (!times) return null;
  const { untilExpiry, sinceConfirmed } = times;
  const freshSeconds = access?.freshSeconds ?? null;
  const untilStale =
    sinceConfirmed === null || freshSeconds === null
      ? 0
      : Math.max(0, freshSeconds - sinceConfirmed);
  return (
    <div className="bars">
      <Bar
        name="Access token"
        text={
          untilExpiry > 0
            ? `good for ${printSeconds(untilExpiry)}`
            : 'is refreshed with the next operation'
        }
        share={lifeSeconds ? untilExpiry / lifeSeconds : 0}
      />
      {freshSeconds !== null && (
        <Bar
          name="Password check"
          text={
            untilStale > 0 ? `fresh for ${printSeconds(untilStale)}` : 'too long ago for @fresh'
          }
          share={untilStale / freshSeconds}
        />
      )}
    </div>
  );
}

// Screen readers are told when asked, not each second.
function Bar({ name, text, share }: { name: string; text: string; share: number }) {
  const percent = Math.round(Math.min(1, share) * 100);
  return (
    <div className="bar">
      <span>{name}</span>
      <span className="bar-text">{text}</span>
      <progress
        className={share > 0.2 ? 'bar-track' : 'bar-track low'}
        value={percent}
        max={100}
        aria-label={name}
        aria-valuetext={text}
      />
    </div>
  );
}

function useLifeSeconds(session: Session): number | null {
  const [seconds, setSeconds] = useState<number | null>(null);
  useEffect(() => {
    let isLeft = false;
    session.accessToken().then(
      (token) => {
        const { exp, iat } = token === null ? {} : readClaims(token);
        if (!isLeft && typeof exp === 'number' && typeof iat === 'number') setSeconds(exp - iat);
      },
      // Without an answer there is no bar, and the next operation says why.
      () => {},
    );
    return () => {
      isLeft = true;
    };
  }, [session]);
  return seconds;
}
