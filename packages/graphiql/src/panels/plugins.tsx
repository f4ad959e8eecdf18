import type { GraphiQLPlugin } from '@graphiql/react';
import { AccessPanel } from './AccessPanel.tsx';
import { SessionPanel } from './SessionPanel.tsx';

function PersonIcon() {
  return (
    <svg viewBox="0 0 24 24" fill="none" stroke="currentColor" strokeWidth="1.5" aria-hidden="true">
      <circle cx="12" cy="8" r="4" />
      <path d="M4 21c0-4.5 3.5-7 8-7s8 2.5 8 7" strokeLinecap="round" />
    </svg>
  );
}

function GateIcon() {
  return (
    <svg viewBox="0 0 24 24" fill="none" stroke="currentColor" strokeWidth="1.5" aria-hidden="true">
      <path d="M12 3l8 3v6c0 4.5-3.2 7.8-8 9-4.8-1.2-8-4.5-8-9V6z" strokeLinejoin="round" />
      <path d="M8.5 12l2.5 2.5 4.5-5" strokeLinecap="round" strokeLinejoin="round" />
    </svg>
  );
}

export const sessionPlugin: GraphiQLPlugin = {
  title: 'Session',
  icon: PersonIcon,
  content: SessionPanel,
};

export const accessPlugin: GraphiQLPlugin = {
  title: 'Access',
  icon: GateIcon,
  content: AccessPanel,
};
