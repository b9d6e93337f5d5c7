/** Forms: fields with their names, and what becomes of them when they are sent. */
import type { ComponentProps, FormEvent, ReactElement, ReactNode } from 'react';
import type { Action } from './use-action.ts';

/** The text of a field; empty for one that is missing or a file. */
export const textOf = (form: FormData, name: string): string => {
  const value = form.get(name);
  return typeof value === 'string' ? value : '';
};

/** What was filled in, by name; fields left empty are left out. */
export const filledIn = (form: FormData, names: readonly string[]): Record<string, string> =>
  Object.fromEntries(names.map((name) => [name, textOf(form, name)]).filter(([, text]) => text !== ''));

export const Field = ({ label, ...input }: { label: string } & ComponentProps<'input'>): ReactElement => (
  <label>
    {label}
    <input {...input} />
  </label>
);

export const Check = ({ label, ...input }: { label: string } & ComponentProps<'input'>): ReactElement => (
  <label>
    <input type="checkbox" {...input} /> {label}
  </label>
);

export const Choice = ({ label, ...select }: { label: string } & ComponentProps<'select'>): ReactElement => (
  <label>
    {label}
    <select {...select} />
  </label>
);

export type EntryProps = {
  action: Action;
  /** Name of the button. */
  button: string;
  /** What is asked of the API, and what is said when that was done. */
  order: (form: FormData) => { act: () => Promise<unknown>; done: string };
  /** Whether what was filled in stays when it was done. */
  isKept?: boolean;
  children: ReactNode;
};

/** What was filled in stays there until it was taken. */
export const EntryForm = ({ action, button, order, isKept = false, children }: EntryProps): ReactElement => {
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = event.currentTarget;
    const { act, done } = order(new FormData(form));
    action.run(async () => {
      await act();
      if (!isKept) form.reset();
    }, done);
  };
  return (
    <form onSubmit={submit} className="narrow">
      {children}
      <button type="submit" disabled={action.isBusy}>
        {button}
      </button>
    </form>
  );
};

/** Behind its name, until somebody wants it. */
export const NewEntry = ({ name, ...entry }: { name: string } & EntryProps): ReactElement => (
  <details>
    <summary>{name}</summary>
    <EntryForm {...entry} />
  </details>
);
