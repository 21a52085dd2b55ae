import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { act, renderHook, waitFor } from '@testing-library/react';
import type { ReactNode } from 'react';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { ApiError } from '@/api/errors';
import * as api from './api';
import type { BrandAnswer, Look } from './api';
import { changes, draftOf, same } from './draft';
import { useBrandDraft } from './use-brand-draft';

const LOOK = {
  id: '1',
  name: '',
  color: '#2455e6',
  heading_font: 'onest',
  welcome_title: '',
  welcome_text: '',
  sender_name: '',
  reply_to: '',
  footer: '',
  logo_light: null,
  logo_dark: null,
  favicon: null,
  login_image: null,
  solved: { light: {}, dark: {} },
  adjusted: false,
  published_at: null,
  updated_at: '2026-11-23T08:00:00Z',
} as Look;

const answer = (revision: number, draft: Partial<Look> | null = null): BrandAnswer => ({
  revision,
  published: LOOK,
  draft: draft && { ...LOOK, ...draft },
  heading_fonts: [{ key: 'onest', name: 'Onest' }],
});

function open(first = answer(1)) {
  const client = new QueryClient();
  const wrapper = ({ children }: { children: ReactNode }) => <QueryClientProvider client={client}>{children}</QueryClientProvider>;
  return renderHook(() => useBrandDraft(first), { wrapper }).result;
}

const refused = (status: number, fieldErrors: Record<string, string> = {}) =>
  new ApiError({ status, code: 'refused', detail: 'No.', fieldErrors });

beforeEach(() => {
  vi.useFakeTimers({ shouldAdvanceTime: true });
  return () => vi.useRealTimers();
});

describe('the draft of a brand', () => {
  it('joins what is typed without a pause into one save', async () => {
    const save = vi.spyOn(api, 'saveDraft').mockResolvedValue(answer(2, { footer: 'Acme GmbH' }));
    const brand = open();
    act(() => brand.current.change({ footer: 'Acme' }));
    act(() => brand.current.change({ footer: 'Acme GmbH' }));
    expect(brand.current.state.kind).toBe('waiting');
    await act(() => vi.advanceTimersByTimeAsync(800));
    expect(save).toHaveBeenCalledTimes(1);
    expect(save.mock.calls[0]?.[0].footer).toBe('Acme GmbH');
    expect(save.mock.calls[0]?.[1]).toBe(1);
    expect(brand.current.state.kind).toBe('saved');
    expect(brand.current.answer.revision).toBe(2);
  });

  it('stops where somebody else was quicker, and overwrites nothing by itself', async () => {
    const save = vi.spyOn(api, 'saveDraft').mockRejectedValue(refused(412));
    const brand = open();
    act(() => brand.current.change({ color: '#0b5d3b' }));
    await act(() => vi.advanceTimersByTimeAsync(20_000));
    expect(save).toHaveBeenCalledTimes(1);
    expect(brand.current.state.kind).toBe('conflict');
    expect(brand.current.draft.color).toBe('#0b5d3b');
    save.mockResolvedValue(answer(8, { color: '#0b5d3b' }));
    act(() => brand.current.keepMine(answer(7, { color: '#c4185c' })));
    await waitFor(() => expect(brand.current.state.kind).toBe('saved'));
    expect(save.mock.calls.at(-1)?.[1]).toBe(7);
  });

  it('tries again when nobody answered', async () => {
    const save = vi.spyOn(api, 'saveDraft').mockRejectedValueOnce(refused(0)).mockResolvedValue(answer(2, { footer: 'x' }));
    const brand = open();
    act(() => brand.current.change({ footer: 'x' }));
    await act(() => vi.advanceTimersByTimeAsync(800));
    expect(brand.current.state.kind).toBe('offline');
    await act(() => vi.advanceTimersByTimeAsync(6000));
    expect(save).toHaveBeenCalledTimes(2);
    expect(brand.current.state.kind).toBe('saved');
  });

  it('puts a refusal on its field', async () => {
    vi.spyOn(api, 'saveDraft').mockRejectedValue(refused(422, { reply_to: 'No address.' }));
    const brand = open();
    act(() => brand.current.change({ reply_to: 'x' }));
    await act(() => vi.advanceTimersByTimeAsync(800));
    expect(brand.current.errors).toEqual({ reply_to: 'No address.' });
    expect(brand.current.state.kind).toBe('refused');
  });

  it('goes back and forth', async () => {
    vi.spyOn(api, 'saveDraft').mockResolvedValue(answer(2, {}));
    const brand = open();
    expect(brand.current.undo).toBeNull();
    act(() => brand.current.change({ color: '#0b5d3b' }));
    await act(() => vi.advanceTimersByTimeAsync(900));
    act(() => brand.current.change({ color: '#c4185c' }));
    act(() => brand.current.undo?.());
    expect(brand.current.draft.color).toBe('#0b5d3b');
    act(() => brand.current.undo?.());
    expect(brand.current.draft.color).toBe('#2455e6');
    act(() => brand.current.redo?.());
    expect(brand.current.draft.color).toBe('#0b5d3b');
  });

  it('publishes what was typed last', async () => {
    const order: string[] = [];
    vi.spyOn(api, 'saveDraft').mockImplementation(async () => {
      order.push('save');
      return answer(2, { footer: 'x' });
    });
    vi.spyOn(api, 'publishDraft').mockImplementation(async (revision) => {
      order.push(`publish ${revision}`);
      return answer(3);
    });
    const brand = open();
    act(() => brand.current.change({ footer: 'x' }));
    await act(() => brand.current.publish());
    expect(order).toEqual(['save', 'publish 2']);
    expect(brand.current.state.kind).toBe('clean');
  });
});

describe('what publishing changes', () => {
  it('is told field by field, pictures by their identity', () => {
    const image = { id: 'a', use: 'logo_light', width: 64, height: 32, url: '/x' } as const;
    const before = draftOf(LOOK);
    const after = { ...before, color: '#0b5d3b', logo_light: image };
    expect(changes(before, after, (key) => key)).toEqual([
      { field: 'color', label: 'Colour', before: '#2455E6', after: '#0B5D3B' },
      { field: 'logo_light', label: 'Logo on light', before: 'none', after: '64 × 32 px' },
    ]);
    expect(same(after, { ...after, logo_light: { ...image } })).toBe(true);
    expect(same(after, { ...after, logo_light: { ...image, id: 'b' } })).toBe(false);
  });
});
