/*
 * Runs blocking, before the stylesheet: puts the saved light or dark choice on <html>, so nothing flashes. Its own file,
 * because the policy allows no inline script. Imports nothing, so that it stays a plain script.
 */
(() => {
  let choice: string | null | undefined = document.documentElement.dataset['scheme'];
  try {
    choice ??= localStorage.getItem('theme');
  } catch {
    // Closed storage: the device decides.
  }
  if (choice !== 'light' && choice !== 'dark') choice = matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light';
  document.documentElement.dataset['theme'] = choice;
})();
