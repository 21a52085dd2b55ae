// Says that mail has come since the page was opened; the page itself stays as the reader left it.
const fresh = document.querySelector('.fresh');
const status = document.querySelector('[role=status]');

async function look() {
  if (document.hidden) return;
  const query = new URLSearchParams({ to: fresh.dataset.to, after: fresh.dataset.newest, limit: '100' });
  try {
    const answer = await fetch(`/api/messages?${query}`);
    const { items } = await answer.json();
    if (items.length === 0) return;
    const words = items.length === 1 ? 'Show 1 new mail' : `Show ${items.length} new mails`;
    if (fresh.firstElementChild.textContent === words && !fresh.hidden) return;
    fresh.firstElementChild.textContent = words;
    fresh.hidden = false;
    status.textContent = words;
  } catch {
    // The mailbox is being restarted: the next look will tell.
  }
}

if (fresh) setInterval(look, 2000);
