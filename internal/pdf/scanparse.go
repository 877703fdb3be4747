package pdf

// integer is a whole number.
type integer int

// parser reads values of PDF syntax from any bytes. It never fails: what makes no
// sense is passed over.
type parser struct {
	*scanner
	data   []byte
	pos    int
	object int // the number of the object that is read, for findings
}

func isSpace(c byte) bool {
	return c == ' ' || c == '\n' || c == '\r' || c == '\t' || c == '\f' || c == 0
}

func isDelimiter(c byte) bool {
	switch c {
	case '(', ')', '<', '>', '[', ']', '{', '}', '/', '%':
		return true
	}
	return false
}

func isRegular(c byte) bool { return !isSpace(c) && !isDelimiter(c) }

// space passes over white space and comments.
func (p *parser) space() {
	from := p.pos
	for p.pos < len(p.data) {
		switch c := p.data[p.pos]; {
		case isSpace(c):
			p.pos++
		case c == '%':
			for p.pos < len(p.data) && p.data[p.pos] != '\n' && p.data[p.pos] != '\r' {
				p.pos++
			}
		default:
			p.work -= p.pos - from
			return
		}
	}
	p.work -= p.pos - from
}

// value reads a value and shows each dictionary in it to the screening. It
// returns nil for what is none, and may then not have moved.
func (p *parser) value(depth int) any {
	if depth > maxDepth {
		p.found(FindingUnscreenable, p.object, "values are nested more than %d deep", maxDepth)
		p.work = 0
	}
	if p.work <= 0 {
		return nil
	}
	p.space()
	if p.pos >= len(p.data) {
		return nil
	}
	switch c := p.data[p.pos]; {
	case c == '/':
		p.pos++
		return p.name()
	case c == '(':
		p.pos++
		return p.literal()
	case c == '<' && p.pos+1 < len(p.data) && p.data[p.pos+1] == '<':
		p.pos += 2
		return p.dict(depth)
	case c == '<':
		p.pos++
		return p.hex()
	case c == '[':
		p.pos++
		return p.array(depth)
	case c >= '0' && c <= '9':
		return p.number()
	case isRegular(c):
		p.word()
	}
	return nil
}

func (p *parser) word() {
	from := p.pos
	for p.pos < len(p.data) && isRegular(p.data[p.pos]) {
		p.pos++
	}
	p.work -= p.pos - from
}

func (p *parser) name() name {
	const longest = 127 // of the specification; what is longer is nothing we look for
	out := make([]byte, 0, 16)
	from := p.pos
	for p.pos < len(p.data) && isRegular(p.data[p.pos]) {
		c := p.data[p.pos]
		p.pos++
		if c == '#' && p.pos+1 < len(p.data) {
			hi, lo := nibble(p.data[p.pos]), nibble(p.data[p.pos+1])
			if hi < 16 && lo < 16 {
				c = hi<<4 | lo
				p.pos += 2
			}
		}
		if len(out) < longest {
			out = append(out, c)
		}
	}
	p.work -= p.pos - from
	return name(out)
}

// nibble returns the value of a hexadecimal digit, 16 if it is none.
func nibble(c byte) byte {
	switch {
	case c >= '0' && c <= '9':
		return c - '0'
	case c|0x20 >= 'a' && c|0x20 <= 'f':
		return c | 0x20 - 'a' + 10
	}
	return 16
}

// integer reads a number without sign or fraction.
func (p *parser) integer() (int, bool) {
	from, n := p.pos, 0
	for p.pos < len(p.data) && p.data[p.pos] >= '0' && p.data[p.pos] <= '9' {
		if n < 1<<40 {
			n = n*10 + int(p.data[p.pos]-'0')
		}
		p.pos++
	}
	p.work -= p.pos - from
	return n, p.pos > from
}

// number reads a number or, if it is followed by another and an R, a reference.
func (p *parser) number() any {
	n, _ := p.integer()
	if p.pos < len(p.data) && isRegular(p.data[p.pos]) { // 0.5, 12abc
		p.word()
		return nil
	}
	after := p.pos
	p.space()
	if _, ok := p.integer(); ok {
		p.space()
		if p.pos < len(p.data) && p.data[p.pos] == 'R' && (p.pos+1 == len(p.data) || !isRegular(p.data[p.pos+1])) {
			p.pos++
			return reference(n)
		}
	}
	p.pos = after
	return integer(n)
}

// maxText is how much of a string is kept.
const maxText = 4096

func (p *parser) literal() text {
	out := text{}
	from := p.pos
	defer func() { p.work -= p.pos - from }()
	for depth := 1; p.pos < len(p.data); {
		c := p.data[p.pos]
		p.pos++
		switch c {
		case '(':
			depth++
		case ')':
			if depth--; depth == 0 {
				return out
			}
		case '\\':
			var keep bool
			if c, keep = p.escape(); !keep {
				continue
			}
		}
		if len(out) < maxText {
			out = append(out, c)
		}
	}
	return out
}

// escape reads what follows a backslash; keep is false if it stands for nothing.
func (p *parser) escape() (c byte, keep bool) {
	if p.pos >= len(p.data) {
		return 0, false
	}
	c = p.data[p.pos]
	p.pos++
	switch c {
	case 'n':
		return '\n', true
	case 'r':
		return '\r', true
	case 't':
		return '\t', true
	case 'b':
		return '\b', true
	case 'f':
		return '\f', true
	case '\r':
		if p.pos < len(p.data) && p.data[p.pos] == '\n' {
			p.pos++
		}
		return 0, false
	case '\n':
		return 0, false
	}
	if c < '0' || c > '7' {
		return c, true
	}
	v := c - '0'
	for range 2 {
		if p.pos < len(p.data) && p.data[p.pos] >= '0' && p.data[p.pos] <= '7' {
			v = v<<3 | p.data[p.pos] - '0'
			p.pos++
		}
	}
	return v, true
}

func (p *parser) hex() text {
	out := text{}
	from := p.pos
	defer func() { p.work -= p.pos - from }()
	high, half := byte(0), false
	for p.pos < len(p.data) {
		c := p.data[p.pos]
		p.pos++
		if c == '>' {
			break
		}
		v := nibble(c)
		if v == 16 {
			continue
		}
		if half = !half; half {
			high = v
		} else if len(out) < maxText {
			out = append(out, high<<4|v)
		}
	}
	if half {
		out = append(out, high<<4)
	}
	return out
}

// maxElements is how many elements of an array are kept; all are looked at.
const maxElements = 4096

func (p *parser) array(depth int) array {
	var out array
	for p.work > 0 {
		p.space()
		if p.pos >= len(p.data) {
			return out
		}
		if p.data[p.pos] == ']' {
			p.pos++
			return out
		}
		from := p.pos
		v := p.value(depth + 1)
		if p.pos == from || p.closed() {
			return out
		}
		if len(out) < maxElements {
			out = append(out, v)
		}
	}
	return out
}

// closed reports whether the object ended without its brackets being closed.
func (p *parser) closed() bool {
	return p.pos >= 6 && string(p.data[p.pos-6:p.pos]) == "endobj"
}

func (p *parser) dict(depth int) dict {
	var out dict
	defer func() { p.screening.dict(p.object, out) }()
	for p.work > 0 {
		p.space()
		if p.pos >= len(p.data) {
			return out
		}
		switch p.data[p.pos] {
		case '>':
			p.pos++
			if p.pos < len(p.data) && p.data[p.pos] == '>' {
				p.pos++
			}
			return out
		case '/':
			p.pos++
			key := p.name()
			p.space()
			if p.pos < len(p.data) && p.data[p.pos] == '>' {
				continue // the value is missing
			}
			out = append(out, entry{key, p.value(depth + 1)})
		default:
			from := p.pos
			if p.value(depth + 1); p.pos == from {
				return out
			}
		}
		if p.closed() {
			return out
		}
	}
	return out
}
