/** Tabs of one host tell each other that a session is back. */
export const CHANNEL = 'session';

export function tellOtherTabs(): void {
  const channel = new BroadcastChannel(CHANNEL);
  channel.postMessage('in');
  channel.close();
}
