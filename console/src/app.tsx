/** The frame of the console: who is logged in, where one can go, and the page. Pages other than the board load when asked for. */
import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense, useSyncExternalStore, type ReactElement } from 'react';
import { Link, Redirect, Route, Router, Switch, useRoute } from 'wouter';
import { request, token } from './api/client.ts';
import type { User } from './api/types.ts';
import { BoardPage } from './pages/board.tsx';
import { LoginPage } from './pages/login.tsx';
import { Boundary } from './ui/boundary.tsx';
import { Notice } from './ui/notice.tsx';
import { UserContext } from './ui/user-context.ts';

const CallsPage = lazy(() => import('./pages/calls.tsx'));
const CallPage = lazy(() => import('./pages/call.tsx'));
const ChartPage = lazy(() => import('./pages/chart.tsx'));
const CampaignsPage = lazy(() => import('./pages/campaigns.tsx'));
const LeadsPage = lazy(() => import('./pages/leads.tsx'));
const ProfilesPage = lazy(() => import('./pages/profiles.tsx'));
const FiguresPage = lazy(() => import('./pages/figures.tsx'));
const TrunksPage = lazy(() => import('./pages/trunks.tsx'));
const JobsPage = lazy(() => import('./pages/jobs.tsx'));
const MachinesPage = lazy(() => import('./pages/machines.tsx'));
const UsersPage = lazy(() => import('./pages/users.tsx'));
const HealthPage = lazy(() => import('./pages/health.tsx'));

type Place = { path: string; name: string; roles?: readonly User['role'][] };

const PLACES: readonly Place[] = [
  { path: '/', name: 'Live' },
  { path: '/calls', name: 'Calls' },
  { path: '/campaigns', name: 'Campaigns' },
  { path: '/leads', name: 'Leads' },
  { path: '/profiles', name: 'Agent profiles' },
  { path: '/figures', name: 'Figures' },
  { path: '/machines', name: 'Machines' },
  { path: '/jobs', name: 'Jobs' },
  { path: '/trunks', name: 'Trunks', roles: ['superadmin'] },
  { path: '/users', name: 'Users', roles: ['superadmin', 'admin'] },
  { path: '/health', name: 'Health', roles: ['superadmin'] },
];

const useToken = () => useSyncExternalStore(token.subscribe, token.get);

const NavLink = ({ path, name }: Place): ReactElement => {
  const [isHere] = useRoute(path === '/' ? '/' : `${path}/*?`);
  return (
    <Link href={path} aria-current={isHere ? 'page' : undefined}>
      {name}
    </Link>
  );
};

const Navigation = ({ user }: { user: User }): ReactElement => (
  <header className="top">
    <a className="skip" href="#content">
      Skip to content
    </a>
    <Link href="/" className="brand">
      Trunkline
    </Link>
    <nav aria-label="Main">
      {PLACES.filter(({ roles }) => !roles || roles.includes(user.role)).map((place) => (
        <NavLink key={place.path} {...place} />
      ))}
    </nav>
    <span className="who">
      {user.full_name} <small>{user.role}</small>
      <button type="button" className="quiet" onClick={() => token.set(null)}>
        Log out
      </button>
    </span>
  </header>
);

const Pages = ({ user }: { user: User }): ReactElement => (
  <UserContext value={user}>
    <Navigation user={user} />
    <main id="content" tabIndex={-1}>
      <Boundary>
        <Suspense fallback={<Notice kind="busy">Loading…</Notice>}>
          <Switch>
            <Route path="/" component={BoardPage} />
            <Route path="/calls" component={CallsPage} />
            <Route path="/calls/:callId">{({ callId }) => <CallPage callId={callId} key={callId} />}</Route>
            <Route path="/calls/:callId/chart">{({ callId }) => <ChartPage callId={callId} key={callId} />}</Route>
            <Route path="/campaigns" component={CampaignsPage} />
            <Route path="/leads" component={LeadsPage} />
            <Route path="/profiles" component={ProfilesPage} />
            <Route path="/figures" component={FiguresPage} />
            <Route path="/jobs" component={JobsPage} />
            <Route path="/trunks" component={TrunksPage} />
            <Route path="/machines">
              <Redirect to="/machines/call" />
            </Route>
            <Route path="/machines/:machine">{({ machine }) => <MachinesPage chosen={machine} />}</Route>
            <Route path="/users" component={UsersPage} />
            <Route path="/health" component={HealthPage} />
            <Route path="/login">
              <Redirect to="/" />
            </Route>
            <Route>
              <Notice kind="empty">There is no such page.</Notice>
            </Route>
          </Switch>
        </Suspense>
      </Boundary>
    </main>
  </UserContext>
);

const Known = (): ReactElement => {
  const { data: user, error, refetch } = useQuery({ queryKey: ['me'], queryFn: () => request<User>('/api/auth/me') });
  if (user) return <Pages user={user} />;
  if (!error) return <Notice kind="busy">Loading…</Notice>;
  return (
    <Notice kind="error" action={{ name: 'Try again', run: () => void refetch() }}>
      {error.message}
    </Notice>
  );
};

export const App = (): ReactElement => {
  const held = useToken();
  return <Router base="/console">{held === null ? <LoginPage /> : <Known key={held} />}</Router>;
};
