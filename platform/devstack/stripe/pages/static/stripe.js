// Fills in a test card, and keeps the sums right while country and VAT id are being chosen. Every page works without it.
for (const button of document.querySelectorAll('[data-card]')) {
  button.addEventListener('click', () => {
    document.getElementById('number').value = button.dataset.card;
    document.getElementById('expiry').value = '12 / 34';
    document.getElementById('cvc').value = '123';
  });
}

const sums = document.getElementById('sums');
const country = document.getElementById('country');
const vat = document.getElementById('vat_id');

async function recount() {
  const query = new URLSearchParams({ country: country.value, vat_id: vat ? vat.value : '' });
  const answer = await fetch(`${sums.dataset.quote}?${query}`);
  if (answer.ok) sums.innerHTML = await answer.text();
}

if (sums && country) {
  country.addEventListener('change', recount);
  if (vat) vat.addEventListener('change', recount);
}

// One press is one payment.
for (const form of document.querySelectorAll('form')) {
  form.addEventListener('submit', (event) => {
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = '1';
  });
}
addEventListener('pageshow', () => {
  for (const form of document.querySelectorAll('form')) delete form.dataset.sent;
});
