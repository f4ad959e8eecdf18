import { useMemo, useState } from 'react';
import { callerOf } from '../access/callerOf.ts';
import type { OpenedAccess } from '../access/openAccess.ts';
import { type Reachable, reachableFields } from '../access/reachable.ts';
import { useAccounts, useSessionState } from '../usePage.ts';

/** Everything that the account could reach at all, over whatever path, from the access map. */
export function ReadableFields({ access }: { access: OpenedAccess }) {
  const { current } = useAccounts();
  const [isOpen, setIsOpen] = useState(false);
  useSessionState(current);
  return (
    <details className="everything" onToggle={(event) => setIsOpen(event.currentTarget.open)}>
      <summary>Everything that {current.name} could reach</summary>
      {isOpen && (
        <FieldsOfTypes access={access} caller={JSON.stringify(callerOf(current, Date.now()))} />
      )}
    </details>
  );
}

function FieldsOfTypes({ access, caller }: { access: OpenedAccess; caller: string }) {
  const [search, setSearch] = useState('');
  const fields = useMemo(() => reachableFields(access, JSON.parse(caller)), [access, caller]);
  const found = fields.filter(({ coordinate }) =>
    coordinate.toLowerCase().includes(search.trim().toLowerCase()),
  );
  const byType = Map.groupBy(found, ({ coordinate }) => coordinate.split('.')[0] ?? '');
  return (
    <>
      <input
        type="search"
        aria-label="Find a field"
        placeholder="Find a field"
        value={search}
        onChange={(event) => setSearch(event.currentTarget.value)}
      />
      {[...byType].map(([type, ofType]) => (
        <TypeFields key={type} type={type} fields={ofType} isOpen={search !== ''} />
      ))}
    </>
  );
}

const signs = { yes: '✓', no: '✕', depends: '?', never: '–' } as const;
const words = { yes: 'reached', no: 'refused', depends: 'depends', never: 'nobody' } as const;

function TypeFields({
  type,
  fields,
  isOpen,
}: {
  type: string;
  fields: readonly Reachable[];
  isOpen: boolean;
}) {
  const count = fields.filter(({ verdict }) => verdict === 'yes').length;
  return (
    <details open={isOpen || undefined} className="type">
      <summary>
        <code>{type}</code>{' '}
        <span className="small">
          {count} of {fields.length}
        </span>
      </summary>
      <ul className="fields" aria-label={type}>
        {fields.map(({ coordinate, verdict, path, requirement }) => (
          <li
            key={coordinate}
            className={verdict === 'yes' ? 'allowed' : verdict === 'no' ? 'refused' : verdict}
          >
            <span className="sign" aria-hidden="true">
              {signs[verdict]}
            </span>
            <span className="path">{coordinate.slice(type.length + 1)}</span>
            <span className="outcome">{words[verdict]}</span>
            <span className="reason">
              {requirement && <code>{requirement}</code>}{' '}
              {path && <code className="way">{path}</code>}
            </span>
          </li>
        ))}
      </ul>
    </details>
  );
}
