import { ActionIcon, AppShell, Avatar, Burger, Kbd, Menu, Tooltip, UnstyledButton, useComputedColorScheme, useMantineColorScheme, VisuallyHidden } from '@mantine/core';
import { useDisclosure, useHotkeys } from '@mantine/hooks';
import { IconLogout, IconMoon, IconSearch, IconSun, IconUser } from '@tabler/icons-react';
import { useQueryClient, useSuspenseQuery } from '@tanstack/react-query';
import { Outlet, useNavigate, useRouterState } from '@tanstack/react-router';
import { lazy, Suspense, useEffect, useState } from 'react';
import { setActAs } from '@/api/act-as';
import { identity, meQuery } from '@/api/identity';
import { m } from '@/messages/en';
import { useLayer } from '@/parts/layers';
import { MenuLink } from '@/parts/link';
import { toastProblem } from '@/parts/problem';
import { KeysDialog } from './keys-dialog';
import { Navigation } from './navigation';
import classes from './shell.module.css';
import { pageSearch, useShortcuts } from './shortcuts';

const Palette = lazy(() => import('./palette'));

/** The frame of every page behind the sign-in. */
export function Shell() {
  const [opened, { toggle, close }] = useDisclosure(false);
  const [palette, setPalette] = useState(false);
  const path = useRouterState({ select: (state) => state.location.pathname });
  useHotkeys([['mod+K', () => setPalette(true)]], []);
  const [keys, { open: showKeys, close: hideKeys }] = useDisclosure(false);
  // Where a page has no list, everything is searched.
  const search = () => {
    const field = pageSearch();
    if (field) field.focus();
    else setPalette(true);
  };
  useShortcuts({ '/': search, '?': showKeys });
  useEffect(close, [path, close]);
  useLayer(opened, close);
  return (
    <AppShell
      header={{ height: 56 }}
      navbar={{ width: 248, breakpoint: 'sm', collapsed: { mobile: !opened } }}
      layout="alt"
      transitionDuration={0}
    >
      <a className={classes.skip} href="#content">
        {m.nav.skip}
      </a>
      <AppShell.Header className={classes.header}>
        <div className={classes.headerLeft}>
          <Burger hiddenFrom="sm" size="sm" opened={opened} onClick={toggle} aria-label={m.nav.menu} aria-expanded={opened} />
          <UnstyledButton className={classes.search} onClick={() => setPalette(true)}>
            <IconSearch size={18} stroke={1.75} aria-hidden />
            <span className={classes.searchText}>{m.palette.open}</span>
            <Kbd className={classes.searchKey}>{m.palette.key}</Kbd>
          </UnstyledButton>
        </div>
        <div className={classes.headerRight}>
          <ThemeSwitch />
          <Person />
        </div>
      </AppShell.Header>
      <AppShell.Navbar className={classes.navbar} aria-label={m.nav.main}>
        <Navigation close={close} opened={opened} />
      </AppShell.Navbar>
      <AppShell.Main id="content" tabIndex={-1} className={classes.main}>
        <Outlet />
      </AppShell.Main>
      <KeysDialog opened={keys} onClose={hideKeys} />
      {palette && (
        <Suspense fallback={null}>
          <Palette onClose={() => setPalette(false)} />
        </Suspense>
      )}
    </AppShell>
  );
}

export function ThemeSwitch() {
  const { setColorScheme } = useMantineColorScheme();
  const scheme = useComputedColorScheme('light', { getInitialValueInEffect: false });
  const name = scheme === 'dark' ? m.nav.light : m.nav.dark;
  return (
    <Tooltip label={name}>
      <ActionIcon aria-label={name} onClick={() => setColorScheme(scheme === 'dark' ? 'light' : 'dark')}>
        {scheme === 'dark' ? <IconSun size={20} stroke={1.75} /> : <IconMoon size={20} stroke={1.75} />}
      </ActionIcon>
    </Tooltip>
  );
}

function Person() {
  const { data: me } = useSuspenseQuery(meQuery);
  const navigate = useNavigate();
  const cache = useQueryClient();
  const signOut = async () => {
    try {
      await identity.signOut();
    } catch (error) {
      return toastProblem(error);
    }
    setActAs(null);
    await navigate({ to: '/sign-in', search: {} });
    cache.clear();
  };
  return (
    <Menu position="bottom-end" width={240}>
      <Menu.Target>
        <UnstyledButton className={classes.person}>
          <Avatar size={32} radius={16} color="accent" name={me.user.name} aria-hidden />
          <VisuallyHidden>{m.nav.account(me.user.name)}</VisuallyHidden>
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>
          <div className={classes.personName}>{me.user.name}</div>
          <div className={classes.cut}>{me.user.email}</div>
        </Menu.Label>
        <Menu.Divider />
        <MenuLink to="/account" leftSection={<IconUser size={18} stroke={1.75} />}>
          {m.nav.yourAccount}
        </MenuLink>
        <Menu.Item leftSection={<IconLogout size={18} stroke={1.75} />} onClick={signOut}>
          {m.nav.signOut}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
