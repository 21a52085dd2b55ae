import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { parseTimeParameter } from '@/features/player/model';
import { LessonScreen, type LessonPanel } from './screens/lesson-screen';

const route = getRouteApi('/learn/$enrollment/$item');

/** A lesson at its address: which one, where in it (`?t=`), and what stands beside it (`?panel=`). */
export function LessonRoute() {
  const { enrollment, item } = route.useParams() as { enrollment: string; item: string };
  const { t, panel } = route.useSearch() as { t?: string; panel?: LessonPanel };
  const navigate = useNavigate();
  return (
    <LessonScreen
      enrollment={enrollment}
      item={item}
      time={parseTimeParameter(t)}
      panel={panel}
      onPanel={(next) =>
        void navigate({ to: '/learn/$enrollment/$item', params: { enrollment, item }, search: { t, panel: next }, replace: true, resetScroll: false })
      }
    />
  );
}
