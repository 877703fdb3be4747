package app

import (
	"cmp"
	"context"
	"fmt"

	"github.com/google/uuid"

	"github.com/techcopilot/techcopilot/internal/eval"
	"github.com/techcopilot/techcopilot/internal/search"
	"github.com/techcopilot/techcopilot/internal/textnorm"
)

// Rows implements eval.Library.
func (e evaluation) Rows(ctx context.Context, id uuid.UUID, index string) ([]eval.Row, error) {
	switch index {
	case "codes":
		return e.codes(ctx, id)
	case "parts":
		return e.parts(ctx, id)
	case "settings":
		return e.settings(ctx, id)
	}
	return nil, fmt.Errorf("no index %q", index)
}

func (e evaluation) codes(ctx context.Context, id uuid.UUID) ([]eval.Row, error) {
	codes, err := e.App.Search.CodesOf(ctx, id)
	if err != nil {
		return nil, err
	}
	var out []eval.Row
	for i := range codes {
		c := &codes[i]
		if !c.Whole() {
			continue // the same row under a part of its code
		}
		r := eval.Row{Page: c.Page, Key: c.Code, Source: string(cmp.Or(c.Source, search.SourceText)), Texts: map[string][]string{}}
		for _, f := range c.Fields {
			if textnorm.Key(f.Printed) != "" {
				r.Texts[string(f.Role)] = append(r.Texts[string(f.Role)], f.Printed)
			}
		}
		out = append(out, r)
	}
	return out, nil
}

func (e evaluation) parts(ctx context.Context, id uuid.UUID) ([]eval.Row, error) {
	parts, err := e.App.Search.PartsOf(ctx, id)
	if err != nil {
		return nil, err
	}
	out := make([]eval.Row, len(parts))
	for i := range parts {
		p := &parts[i]
		out[i] = eval.Row{Page: p.Page, Key: cmp.Or(p.OrderNumber(), p.Description.Text), Source: rowSource(p.Confidence), Texts: map[string][]string{
			"description": printed(p.Description), "item": printed(p.Item), "quantity": printed(p.Quantity), "models": printed(p.Models...),
		}}
	}
	return out, nil
}

func (e evaluation) settings(ctx context.Context, id uuid.UUID) ([]eval.Row, error) {
	settings, err := e.App.Search.SettingsOf(ctx, id)
	if err != nil {
		return nil, err
	}
	out := make([]eval.Row, len(settings))
	for i := range settings {
		s := &settings[i]
		out[i] = eval.Row{Page: s.Page, Key: cmp.Or(s.Name.Text, s.Title.Text), Source: rowSource(s.Confidence), Texts: map[string][]string{
			"title": printed(s.Title), "default": printed(s.Default), "range": printed(s.Range), "options": options(s.Options), "meaning": printed(s.Meanings...),
		}}
	}
	return out, nil
}

// rowSource tells by the confidence of OCR whether it has read a row.
func rowSource(confidence int) string {
	if confidence > 0 {
		return "ocr"
	}
	return "text"
}

// options are written as labels are: "ON: what it does".
func options(list []search.Printed) []string {
	var out []string
	for _, p := range list {
		out = append(out, p.Heading+": "+p.Text)
	}
	return out
}

func printed(list ...search.Printed) []string {
	var out []string
	for _, p := range list {
		if p.Text != "" {
			out = append(out, p.Text)
		}
	}
	return out
}
