import { Trans } from '@lingui/react/macro';
import { Button } from '@/ui/button';

/** The rest of a list, a page at a time. Nothing when there is none. */
export function LoadMore({ list }: { list: { hasNextPage: boolean; isFetchingNextPage: boolean; fetchNextPage: () => unknown } }) {
  if (!list.hasNextPage) return null;
  return (
    <Button className="mt-3" loading={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
      {list.isFetchingNextPage ? <Trans>Loading</Trans> : <Trans>Show more</Trans>}
    </Button>
  );
}
