import { t } from '@lingui/core/macro';
import { Link } from '@tanstack/react-router';
import { useEffect } from 'react';
import { CatalogPage, type CatalogFilter } from '@/features/catalog/catalog-page';
import { boot } from '@/lib/boot';

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
  return (
    <CatalogPage
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
