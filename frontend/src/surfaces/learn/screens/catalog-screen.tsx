import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { Link } from '@tanstack/react-router';
import { useEffect } from 'react';
import { loginFor } from '@/features/auth/next';
import { CatalogPage, type CatalogFilter } from '@/features/catalog/catalog-page';
import { boot } from '@/lib/boot';
import { useMe } from '@/lib/permissions';
import { buttonClass } from '@/ui/button';

interface CatalogScreenProps {
  query: string;
  filter: CatalogFilter;
  onSearch: (change: { query?: string; filter?: CatalogFilter }) => void;
}

/** The catalogue, with its search in the address. */
export function CatalogScreen({ query, filter, onSearch }: CatalogScreenProps) {
  useEffect(() => {
    document.title = `${t`Catalogue`} · ${boot().brand.name}`;
  }, []);
  const me = useMe();
  const { brand } = boot();
  return (
    <CatalogPage
      signIn={
        me ? null : (
          <a href={loginFor('/')} className={buttonClass('primary')}>
            <Trans>Sign in</Trans>
          </a>
        )
      }
      welcome={{ title: brand.welcome_title ?? '', text: brand.welcome_text ?? '' }}
      query={query}
      filter={filter}
      onSearch={onSearch}
      link={(course, children, props) => (
        <Link to="/courses/$course" params={{ course: course.id }} {...props}>
          {children}
        </Link>
      )}
    />
  );
}
