import { useState, type FormEvent, type ReactElement } from 'react';
import { request, token } from '../api/client.ts';
import { textOf } from '../ui/form.tsx';

const logIn = async (form: FormData): Promise<void> => {
  const { access_token } = await request<{ access_token: string }>('/api/auth/login', {
    method: 'POST',
    body: { username: textOf(form, 'username'), password: textOf(form, 'password') },
  });
  token.set(access_token);
};

export const LoginPage = (): ReactElement => {
  const [problem, setProblem] = useState<string | null>(null);
  const [isBusy, setBusy] = useState(false);
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    setBusy(true);
    setProblem(null);
    logIn(new FormData(event.currentTarget))
      .catch((error: unknown) => setProblem(error instanceof Error ? error.message : String(error)))
      .finally(() => setBusy(false));
  };
  return (
    <main className="login">
      <h1>Trunkline</h1>
      <form onSubmit={submit}>
        <label>
          User name
          <input name="username" autoComplete="username" required autoFocus />
        </label>
        <label>
          Password
          <input name="password" type="password" autoComplete="current-password" required />
        </label>
        {problem !== null && (
          <p className="problem" role="alert">
            {problem}
          </p>
        )}
        <button type="submit" disabled={isBusy}>
          Log in
        </button>
      </form>
    </main>
  );
};
