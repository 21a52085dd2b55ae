import { Link, useNavigate } from '@tanstack/react-router';
import { CoursesPage } from '@/features/courses/courses-page';

/** The courses, each leading to its builder. */
export function CoursesScreen() {
  const navigate = useNavigate();
  return (
    <CoursesPage
      courseLink={(course, children) => (
        <Link to="/studio/courses/$course" params={{ course: course.id }}>
          {children}
        </Link>
      )}
      onCreated={(course) => void navigate({ to: '/studio/courses/$course', params: { course: course.id } })}
    />
  );
}
