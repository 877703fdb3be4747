package pdf

func (l *layout) findAligned() {}
