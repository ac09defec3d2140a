//go:build !linux && !darwin && !freebsd && !dragonfly && !openbsd && !windows

package health

import "errors"

const diskSupported = false

func diskSpace(string) (space, error) { return space{}, errors.ErrUnsupported }
