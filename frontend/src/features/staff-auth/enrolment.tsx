import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { useState } from 'react';
import { usePageTitle } from '@/app/page-title';
import { StaffAuthFrame } from './frame';
import { PasskeyEnrolment } from './passkey-enrolment';
import { RecoveryCodes } from './recovery-codes';
import { TotpEnrolment } from './totp-enrolment';

/** Who has no second factor yet makes one before anything else, and keeps the recovery codes. */
export function Enrolment({ onDone }: { onDone: () => void }) {
  usePageTitle(t`A second factor`);
  const [codes, setCodes] = useState<string[] | null>(null);
  if (codes) {
    return (
      <StaffAuthFrame
        title={<Trans>Keep these recovery codes</Trans>}
        lead={<Trans>They are shown this one time. Each opens the console once, when your phone or passkey is lost.</Trans>}
      >
        <RecoveryCodes codes={codes} onDone={onDone} />
      </StaffAuthFrame>
    );
  }
  return (
    <StaffAuthFrame
      title={<Trans>Add a second factor</Trans>}
      lead={<Trans>The console opens with your password and one more proof. You can add others afterwards.</Trans>}
    >
      <TotpEnrolment onCodes={setCodes} />
      <PasskeyEnrolment onCodes={setCodes} />
    </StaffAuthFrame>
  );
}
