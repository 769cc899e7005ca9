import { Drawer, type DrawerProps, Modal, type ModalProps } from '@mantine/core';
import { m } from '@/messages/en';
import { useLayer } from './layers';

const CLOSE = { 'aria-label': m.app.close };

export function Dialog(props: ModalProps) {
  useLayer(props.opened, props.onClose);
  return <Modal closeButtonProps={CLOSE} closeOnEscape={false} {...props} />;
}

export function SidePanel(props: DrawerProps) {
  useLayer(props.opened, props.onClose);
  return <Drawer closeButtonProps={CLOSE} closeOnEscape={false} position="right" {...props} />;
}
