import { Account } from './Account.tsx';
import { Devices } from './Devices.tsx';
import { Items } from './Items.tsx';
import { PasswordDialog } from './PasswordDialog.tsx';
import { SignIn } from './SignIn.tsx';
import { useSession } from './session.ts';

/** The page: who is signed in sees their account, the items and their devices. */
export function App() {
  const state = useSession();
  const isSignedIn = state.status === 'signedIn';
  return (
    <>
      <header>
        <h1>Items</h1>
        {isSignedIn && <Account />}
      </header>
      <main>
        {!isSignedIn && <SignIn endReason={state.endReason} />}
        <Items canCreate={isSignedIn} />
        {isSignedIn && <Devices />}
      </main>
      <PasswordDialog />
    </>
  );
}
