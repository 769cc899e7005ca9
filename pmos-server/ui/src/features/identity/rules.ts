import { m } from '@/messages/en';

/** What the server asks of a password, said before it has to refuse one. */
export const SHORTEST_PASSWORD = 12;

export const rules = {
  name: (value: string) => (value.trim() ? null : m.identity.nameMissing),
  email: (value: string) => (/^[^\s@]+@[^\s@]+$/.test(value.trim()) ? null : m.identity.emailWrong),
  newPassword: (value: string) => (value.length >= SHORTEST_PASSWORD ? null : m.identity.passwordShort(SHORTEST_PASSWORD)),
  password: (value: string) => (value ? null : m.identity.passwordMissing),
};
