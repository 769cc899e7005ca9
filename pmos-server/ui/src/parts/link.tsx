import { Anchor, type AnchorProps, Button, type ButtonProps, Menu, type MenuItemProps } from '@mantine/core';
import { createLink } from '@tanstack/react-router';
import type { AnchorHTMLAttributes, Ref } from 'react';

type Native<P> = Omit<AnchorHTMLAttributes<HTMLAnchorElement>, keyof P> & { ref?: Ref<HTMLAnchorElement> };

/** A button that leads to another page. */
export const ButtonLink = createLink((props: ButtonProps & Native<ButtonProps>) => <Button component="a" {...props} />);

/** Text that leads to another page. */
export const TextLink = createLink((props: AnchorProps & Native<AnchorProps>) => <Anchor {...props} />);

/** An entry of a menu that leads to another page. */
export const MenuLink = createLink((props: MenuItemProps & Native<MenuItemProps>) => <Menu.Item component="a" {...props} />);
