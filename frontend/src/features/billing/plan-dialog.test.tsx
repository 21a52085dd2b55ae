import { i18n } from '@lingui/core';
import { I18nProvider } from '@lingui/react';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { act, render, screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { http, HttpResponse } from 'msw';
import { setupServer } from 'msw/node';
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import { setBoot } from '@/lib/boot';
import * as leaving from './leaving';
import type { Billing, PlanChoice, Subscription } from './model';
import { PlanDialog } from './plan-dialog';

const server = setupServer();
beforeAll(() => server.listen({ onUnhandledRequest: 'error' }));
afterEach(() => server.resetHandlers());
afterAll(() => server.close());

const plan = (key: string, name: string, rank: number, month: number, seats_min: number): PlanChoice => ({
  key,
  name,
  rank,
  version: 1,
  seats_min,
  prices: { usd: { month, year: month * 10 } },
  overage: {},
  features: {},
  per_seat: {},
  way: 'up',
});

const SUBSCRIPTION: Subscription = {
  state: 'active',
  plan: { key: 'start', name: 'Start', version: 1, rank: 1 },
  interval: 'month',
  currency: 'usd',
  seats: 10,
  seats_used: 8,
  seats_kept: null,
  kept_until: null,
  kept_plan: null,
  is_kept_given: false,
  trial_end_at: null,
  period_start: '2026-11-14T00:00:00Z',
  period_end: '2026-12-14T00:00:00Z',
  past_due_since_at: null,
  read_only_at: null,
  crowded_since_at: null,
  owes: false,
  cancel_at: null,
  is_comp: false,
  is_at_stripe: true,
  seat_minor: 400,
  recurring_minor: 4000,
};

const BILLING: Billing = {
  is_configured: true,
  subscription: SUBSCRIPTION,
  account: {
    legal_name: '',
    contacts: [],
    country: '',
    address: { line1: '', line2: '', city: '', postal_code: '', state: '' },
    vat_id: '',
    vat_state: 'pending',
    po_number: '',
    currency: 'usd',
    collection: 'card',
  },
  payment_method: null,
  plans: [plan('start', 'Start', 1, 400, 5), plan('team', 'Team', 2, 700, 10)],
  entitlements: [],
};

const preview = (token: string, due: number) => ({
  currency: 'usd',
  effective: 'now',
  lines: [{ text: 'Remaining time on 10 × Team', amount_minor: due, quantity: 10, proration: true }],
  due_now_minor: due,
  tax_minor: 0,
  credit_minor: 0,
  next: { at: '2026-12-14T00:00:00Z', total_minor: 7000, tax_minor: 0 },
  token,
});

function show(subscription: Subscription = SUBSCRIPTION) {
  setBoot({ surface: 'studio', csrf: 'x' });
  const onClose = vi.fn();
  render(
    <I18nProvider i18n={i18n}>
      <QueryClientProvider client={new QueryClient({ defaultOptions: { queries: { retry: false } } })}>
        <PlanDialog billing={{ ...BILLING, subscription }} subscription={subscription} asked={{}} onClose={onClose} />
      </QueryClientProvider>
    </I18nProvider>,
  );
  return onClose;
}

it('changes nothing before the amounts are seen, and then exactly what was shown', async () => {
  const sent: unknown[] = [];
  server.use(
    http.post('*/api/v1/plan-previews/', () => HttpResponse.json(preview('t1', 1500))),
    http.post('*/api/v1/plan-changes/', async ({ request }) => {
      sent.push(await request.json());
      return HttpResponse.json(BILLING);
    }),
  );
  const onClose = show();
  expect(screen.getByRole('button', { name: 'Change' })).toHaveAttribute('aria-disabled', 'true');

  await userEvent.click(screen.getByRole('radio', { name: 'Team' }));
  await userEvent.click(await screen.findByRole('button', { name: 'Change and pay US$15.00' }));

  await waitFor(() => expect(onClose).toHaveBeenCalled());
  expect(sent).toEqual([{ plan: 'team', interval: 'month', seats: 10, token: 't1' }]);
});

it('asks again with the new amounts where the ones that were shown no longer hold', async () => {
  let asked = 0;
  server.use(
    http.post('*/api/v1/plan-previews/', () => HttpResponse.json(++asked === 1 ? preview('t1', 1500) : preview('t2', 1400))),
    http.post('*/api/v1/plan-changes/', () => HttpResponse.json({ code: 'preview_stale', title: 'Stale' }, { status: 409 })),
  );
  const onClose = show();
  await userEvent.click(screen.getByRole('radio', { name: 'Team' }));
  await userEvent.click(await screen.findByRole('button', { name: 'Change and pay US$15.00' }));

  expect(await screen.findByText('The figures have changed since they were shown.')).toBeVisible();
  expect(await screen.findByRole('button', { name: 'Change and pay US$14.00' })).toBeVisible();
  expect(onClose).not.toHaveBeenCalled();
});

it('says why a change is refused, and offers no way to make it all the same', async () => {
  server.use(http.post('*/api/v1/plan-previews/', () => HttpResponse.json({ code: 'at_renewal', detail: 'A year runs to its end.' }, { status: 409 })));
  show({ ...SUBSCRIPTION, interval: 'year' });
  await userEvent.click(screen.getByRole('radio', { name: 'Monthly' }));

  expect(await screen.findByText('A year runs to its end.')).toBeVisible();
  expect(screen.getByRole('button', { name: 'Change' })).toHaveAttribute('aria-disabled', 'true');
});

it('asks nobody for a price below the seats that are in use', async () => {
  show();
  const seats = screen.getByRole('textbox', { name: 'Seats' });
  await userEvent.clear(seats);
  await userEvent.type(seats, '7');

  expect(await screen.findByText(/8 seats are in use/)).toBeVisible();
  expect(screen.getByRole('button', { name: 'Change' })).toHaveAttribute('aria-disabled', 'true');
});

const TRIAL: Subscription = { ...SUBSCRIPTION, state: 'trialing', is_at_stripe: false, plan: { key: 'trial', name: 'Trial', version: 1, rank: 0 } };

it('says which of the wishes cannot be had', async () => {
  const errors = [{ pointer: '#/plan', detail: 'This plan cannot be chosen.' }];
  server.use(http.post('*/api/v1/checkout-sessions/', () => HttpResponse.json({ code: 'invalid', title: 'Look', detail: 'Look', errors }, { status: 422 })));
  show(TRIAL);
  await userEvent.click(screen.getByRole('button', { name: 'Go to checkout' }));

  expect(await screen.findByText('This plan cannot be chosen.')).toBeVisible();
});

it('can be pressed again by whoever comes back with the Back button', async () => {
  const left = vi.spyOn(leaving, 'leaveFor').mockImplementation(() => undefined);
  server.use(http.post('*/api/v1/checkout-sessions/', () => HttpResponse.json({ url: 'https://checkout.example/' }, { status: 201 })));
  show(TRIAL);
  await userEvent.click(screen.getByRole('button', { name: 'Go to checkout' }));
  await waitFor(() => expect(left).toHaveBeenCalledWith('https://checkout.example/'));
  expect(screen.queryByRole('button', { name: 'Go to checkout' })).toBeNull();

  act(() => void window.dispatchEvent(Object.assign(new Event('pageshow'), { persisted: true })));

  expect(await screen.findByRole('button', { name: 'Go to checkout' })).toBeEnabled();
});

it('computes the first purchase from the price list, and leaves the trial its days', () => {
  const soon = new Date(Date.now() + 9 * 86_400_000).toISOString();
  show({ ...TRIAL, trial_end_at: soon });

  expect(screen.getByText('US$32.00 a month')).toBeVisible();
  expect(screen.getByText(/Nothing is due today/)).toBeVisible();
  expect(screen.getByRole('button', { name: 'Go to checkout' })).toBeEnabled();
});
