import { type FieldExplanation, printRequirement } from '@sallyport/guards/judge';
import { reasonIn } from '../access/judge.ts';

const mostShown = 200;

const signs: Readonly<Record<FieldExplanation['verdict'], string>> = {
  allowed: '✓',
  refused: '✕',
  depends: '?',
  'not reached': '–',
};

/** Each field of an operation: allowed or refused, by which directive, and where that is written. */
export function FieldVerdicts({
  fields,
  hasMore,
}: {
  fields: readonly FieldExplanation[];
  hasMore: boolean;
}) {
  const shown = fields.slice(0, mostShown);
  return (
    <>
      <ul className="fields" aria-label="Fields of the operation">
        {shown.map((field) => (
          <li key={`${field.path} ${field.coordinate}`} className={field.verdict.replace(' ', '-')}>
            <span className="sign" aria-hidden="true">
              {signs[field.verdict]}
            </span>
            <span className="path">{field.path}</span>
            <span className="outcome">{field.verdict}</span>
            <Reason field={field} />
          </li>
        ))}
      </ul>
      {(hasMore || shown.length < fields.length) && (
        <p className="small">There are more fields than these {shown.length}.</p>
      )}
    </>
  );
}

function Reason({ field: { requirement, error } }: { field: FieldExplanation }) {
  if (!requirement) return null;
  return (
    <span className="reason">
      <code>{printRequirement(requirement)}</code> on <code>{requirement.coordinate}</code>
      {error && <>: {reasonIn(error)}</>}
    </span>
  );
}
