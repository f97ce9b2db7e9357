import { useState } from 'react';
import type { Plan } from '../../electron/api/models.ts';
import { CheckField } from '../components/check-field.tsx';
import { Notice } from '../components/notice.tsx';

/** Items that a removal refuses to take, because they hold work that stands nowhere else, until a person names them. */
export function itemsToConfirm(plan: Plan | null): string[] {
  const refusals = plan?.checks.filter((check) => check.status === 'fail' && check.remedy?.action === 'confirm') ?? [];
  return refusals.flatMap(({ details }) => {
    const items = details?.['items'];
    return Array.isArray(items) ? items.filter((item) => typeof item === 'string') : [];
  });
}

interface Including {
  including: string[];
  /** What was asked about, also when it was answered: an answer can be taken back. */
  asked: string[];
  choose: (item: string, isChosen: boolean) => void;
  /** Takes note of what a plan asks about. */
  note: (plan: Plan | null) => void;
}

export function useIncluding(): Including {
  const [including, setIncluding] = useState<string[]>([]);
  const [asked, setAsked] = useState<string[]>([]);
  return {
    including,
    asked,
    choose: (item, isChosen) => setIncluding(isChosen ? [...including, item] : including.filter((each) => each !== item)),
    note: (plan) => {
      const fresh = itemsToConfirm(plan).filter((item) => !asked.includes(item));
      if (fresh.length > 0) setAsked([...asked, ...fresh]);
    },
  };
}

/** Asks about each item by its title. */
export function IncludeItems({ plan, choice }: { plan: Plan | null; choice: Including }) {
  if (choice.asked.length === 0) return null;
  const titleOf = (item: string): string => plan?.items.find((each) => each.item === item)?.title ?? item;
  return (
    <Notice tone="needs" title="Work that stands nowhere else">
      <p>It was never committed. The backup and the trash will hold it, nothing else.</p>
      {choice.asked.map((item) => (
        <CheckField key={item} checked={choice.including.includes(item)} onChange={(isChosen) => choice.choose(item, isChosen)}>
          {titleOf(item)} goes all the same
        </CheckField>
      ))}
    </Notice>
  );
}
