import { printRequirement } from '@sallyport/guards/judge';
import { type Judgement, reasonIn } from '../access/judge.ts';
import { useJudgement } from '../access/useJudgement.ts';
import { adviceFor } from '../notices/adviceFor.ts';
import { Notice } from '../notices/Notice.tsx';
import { useAccounts, usePage } from '../usePage.ts';
import { FieldVerdicts } from './FieldVerdicts.tsx';
import { ReadableFields } from './ReadableFields.tsx';

/** What becomes of the operation in the editor for the account that is chosen, before it is run. */
export function AccessPanel() {
  const { access } = usePage();
  const { current } = useAccounts();
  const judgement = useJudgement();
  return (
    <section className="panel" aria-label="Access">
      <h2>What may {current.name} reach?</h2>
      {access ? (
        <>
          {judgement && <Verdict judgement={judgement} />}
          <ReadableFields access={access} />
        </>
      ) : (
        <p>
          The schema is not here: <code>INTROSPECTION</code> is off on this server, or it could not
          be loaded, and a reload tries again. What an operation asks for is known when it is
          answered.
        </p>
      )}
    </section>
  );
}

function Verdict({ judgement }: { judgement: Judgement }) {
  if (judgement.status === 'empty') {
    return <p>Write an operation, or choose a tab: it is judged here before you run it.</p>;
  }
  if (judgement.status === 'invalid') return <p>Not judged yet: {judgement.message}</p>;
  const { status, operationName, explanation } = judgement;
  const { refusedWhole, fields, hasMore } = explanation;
  const refusals = [...refusedWhole, ...fields.flatMap(({ error }) => error ?? [])];
  const requirements = fields.flatMap(({ verdict, requirement }) =>
    verdict === 'depends' && requirement ? [printRequirement(requirement)] : [],
  );
  return (
    <>
      <output className={`verdict ${status}`}>
        <strong>{operationName ?? 'This operation'}</strong>{' '}
        {status === 'runs' && 'runs, with every field.'}
        {status === 'partial' && 'runs, without the fields that are refused.'}
        {status === 'depends' &&
          `runs, or not, as the server decides: ${[...new Set(requirements)].join(', ')}.`}
        {status === 'refused' && 'is refused whole, and nothing of it runs.'}
      </output>
      {adviceFor(refusals).map((advice) => (
        <Notice key={advice.reason} advice={advice} />
      ))}
      {[...new Map(refusedWhole.map((error) => [reasonIn(error), error])).values()]
        .filter((error) => adviceFor([error]).length === 0)
        .map((error) => (
          <p key={reasonIn(error)}>{error.message}</p>
        ))}
      <FieldVerdicts fields={fields} hasMore={hasMore} />
    </>
  );
}
