import { gql } from '@apollo/client';
import { useMutation, useQuery } from '@apollo/client/react';
import { reasonOf } from '@sallyport/client';
import { type SubmitEvent, useState } from 'react';

const ITEMS = gql`query Items { items(first: 50) { edges { node { name price } } } }`;
const CREATE_ITEM = gql`mutation CreateItem($name: String!, $price: Float!) {
  createItem(name: $name, price: $price) { name }
}`;

interface ItemsData {
  items: { edges: { node: { name: string; price: number | null } }[] } | null;
}

/** All items: anybody sees their names, who is signed in their prices, and who knows their password makes one. */
export function Items({ canCreate }: { canCreate: boolean }) {
  // The prices are refused to the anonymous, and the names come even so.
  const { data, error } = useQuery<ItemsData>(ITEMS, { errorPolicy: 'all' });
  const [create, { loading }] = useMutation(CREATE_ITEM, { refetchQueries: [ITEMS] });
  const [problem, setProblem] = useState<string | null>(null);

  async function submit(event: SubmitEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = event.currentTarget;
    const fields = new FormData(form);
    const variables = { name: String(fields.get('name')), price: Number(fields.get('price')) };
    setProblem(null);
    try {
      await create({ variables });
      form.reset();
    } catch (failure) {
      const gaveUp = reasonOf(failure) === 'FRESH_TOKEN_REQUIRED';
      setProblem(gaveUp ? 'Nothing was made: it needs your password.' : (failure as Error).message);
    }
  }

  const items = data?.items?.edges.map(({ node }) => node) ?? [];
  return (
    <section aria-labelledby="items">
      <h2 id="items">What there is</h2>
      {error && !data && <p role="alert">{error.message}</p>}
      {data && items.length === 0 && <p className="empty">Nothing yet.</p>}
      <ul>
        {items.map(({ name, price }) => (
          <li key={name}>
            <span>{name}</span>
            <span className="number">{price?.toFixed(2)}</span>
          </li>
        ))}
      </ul>
      {canCreate && (
        <form onSubmit={submit} className="row">
          <label>
            Name
            <input name="name" maxLength={100} required />
          </label>
          <label>
            Price
            <input name="price" type="number" min="0" step="0.01" required />
          </label>
          <button type="submit" disabled={loading}>
            Add
          </button>
        </form>
      )}
      {problem && <p role="alert">{problem}</p>}
    </section>
  );
}
