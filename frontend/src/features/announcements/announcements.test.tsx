import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, expect, it } from 'vitest';
import { type BootAnnouncement, type Me, setBoot } from '@/lib/boot';
import { Announcements } from './announcements';
import { dismiss, dismissedBy } from './dismissed';

const NEWS: BootAnnouncement = {
  id: 'a1',
  title: 'Saturday, 20:00',
  body: 'We move house. Videos pause for ten minutes.',
  tone: 'info',
  starts_at: '2026-11-23T08:00:00.000Z',
  ends_at: null,
};

const me = (id: string) => ({ member: { id, name: 'Lea', email: 'lea@acme.example', locale: 'en' }, roles: ['learner'], permissions: [] }) as unknown as Me;

function show(member: string) {
  setBoot({ surface: 'learn', me: me(member), announcements: [NEWS] });
  return render(
    <QueryClientProvider client={new QueryClient()}>
      <Announcements surface="learn" />
    </QueryClientProvider>,
  );
}

beforeEach(() => localStorage.clear());

it('stays away for the person who put it away, and for nobody else', async () => {
  const first = show('m1');
  expect(screen.getByText(NEWS.title)).toBeVisible();
  await userEvent.click(screen.getByRole('button', { name: /put .* away/i }));
  expect(screen.queryByText(NEWS.title)).toBeNull();
  first.unmount();
  show('m1').unmount();
  expect(dismissedBy('m1')).toEqual(['a1']);
  show('m2');
  expect(screen.getByText(NEWS.title)).toBeVisible();
});

it('reads foreign or broken storage as nothing', () => {
  localStorage.setItem('lms.announcements.m1', '{"x":1}');
  expect(dismissedBy('m1')).toEqual([]);
  localStorage.setItem('lms.announcements.m1', 'no json');
  expect(dismiss('m1', 'b')).toEqual(['b']);
});
