import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { SecondStepBanner } from '@/features/account/second-step-banner';
import { CatalogScreen } from './screens/catalog-screen';
import { CourseScreen } from './screens/course-screen';
import { HomeScreen } from './screens/home-screen';

/** The pages of the surface as its routes know them: what is in the address becomes what a screen is told. */

const catalogue = getRouteApi('/shell/');
const course = getRouteApi('/shell/courses/$course');

export function CatalogRoute() {
  const { q, show } = catalogue.useSearch() as { q?: string; show?: 'mine' | 'new' };
  const navigate = useNavigate();
  return (
    <CatalogScreen
      query={q ?? ''}
      filter={show ?? 'all'}
      onSearch={(change) => {
        const query = change.query ?? q ?? '';
        const filter = change.filter ?? show ?? 'all';
        // Typing replaces the address: Back leaves the search, it does not walk through its letters.
        void navigate({ to: '/', search: { q: query || undefined, show: filter === 'all' ? undefined : filter }, replace: true, resetScroll: false });
      }}
    />
  );
}

export function CourseRoute() {
  const params = course.useParams() as { course: string };
  return <CourseScreen course={params.course} />;
}

export function HomeRoute() {
  return (
    <>
      <SecondStepBanner />
      <HomeScreen />
    </>
  );
}
