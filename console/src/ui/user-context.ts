/** Who is logged in. */
import { createContext, useContext } from 'react';
import type { User } from '../api/types.ts';

export const UserContext = createContext<User | null>(null);

export const useUser = (): User => {
  const user = useContext(UserContext);
  if (!user) throw new Error('Nobody is logged in here.');
  return user;
};
