import { ApolloProvider } from '@apollo/client/react';
import { createRoot } from 'react-dom/client';
import { App } from './App.tsx';
import { client } from './session.ts';

const root = document.getElementById('root');
if (!root) throw new Error('The page has no place for the app.');
createRoot(root).render(
  <ApolloProvider client={client}>
    <App />
  </ApolloProvider>,
);
