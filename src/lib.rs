//! PMOS, embeddable: everything a host application needs, re-exported from one place.
