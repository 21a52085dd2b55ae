import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import type { OrganizationDetail } from '@/api/staff';
import { moment } from '@/features/staff-kit/age';
import { spaced } from '@/features/staff-kit/words';
import { Table, Td, Th, Tr } from '@/ui/table';

/** What failed for this organization lately, with what support quotes when asking a developer. */
export function ErrorsPanel({ errors }: { errors: OrganizationDetail['errors'] }) {
  if (errors.length === 0) {
    return (
      <p className="py-4 text-text-3">
        <Trans>Nothing failed lately.</Trans>
      </p>
    );
  }
  return (
    <Table label={t`Errors`} className="pt-3">
      <thead>
        <tr>
          <Th>
            <Trans>When</Trans>
          </Th>
          <Th>
            <Trans>What failed</Trans>
          </Th>
          <Th className="pe-0!">
            <Trans>Reference</Trans>
          </Th>
        </tr>
      </thead>
      <tbody>
        {errors.map((error) => (
          <Tr key={`${error.at} ${error.reference}`}>
            <Td className="py-2 align-top! whitespace-nowrap text-text-2">{moment(error.at)}</Td>
            <Td className="py-2 align-top!">
              <span className="font-medium">{spaced(error.kind)}</span>
              <span className="block wrap-anywhere text-text-2">{error.words}</span>
            </Td>
            <Td className="py-2 pe-0! align-top! mono text-text-3">{error.reference.slice(0, 8)}</Td>
          </Tr>
        ))}
      </tbody>
    </Table>
  );
}
