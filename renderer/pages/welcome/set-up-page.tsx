/** Sets up a new install: where, under which name, which release. The usual answers are filled in; the plan shows what will be made. */
import { useState } from 'react';
import type { MethodInput } from '../../../electron/api/methods.ts';
import type { ProductSummary } from '../../../electron/api/models.ts';
import { Button } from '../../components/button.tsx';
import { CheckField } from '../../components/check-field.tsx';
import { CommandLine } from '../../components/command-line.tsx';
import { Disclosure } from '../../components/disclosure.tsx';
import { FailureNotice } from '../../components/failure-notice.tsx';
import { Form } from '../../components/form.tsx';
import { PageTitle } from '../../components/page-title.tsx';
import { Panel } from '../../components/panel.tsx';
import { PathField } from '../../components/path-field.tsx';
import { TextField } from '../../components/text-field.tsx';
import { useBegin } from '../../components/use-begin.ts';
import { Empty, WhenLoaded } from '../../components/waiting.tsx';
import { everything } from '../../store/catalogue.ts';
import { useLoaded, useStores } from '../../store/use-stores.ts';
import { commandLine } from '../../wording/command-line.ts';
import { ChannelSelect } from './channel-select.tsx';
import { SetUpPlan } from './set-up-plan.tsx';

export function SetUpPage({ product }: { product: string }) {
  const products = useLoaded(useStores().products, everything);
  return (
    <div className="page">
      <WhenLoaded loaded={products} waiting="Reading the catalogue …">
        {(list) => {
          const found = list.find((each) => each.product === product);
          return found === undefined ? <Empty title={`There is no product called ${product}`} /> : <SetUpForm product={found} />;
        }}
      </WhenLoaded>
    </div>
  );
}

interface Answers {
  name: string;
  home: string;
  release: string;
  channel: string;
  port: string;
  start: boolean;
}

function SetUpForm({ product }: { product: ProductSummary }) {
  const [answers, setAnswers] = useState<Answers>({ name: '', home: '', release: '', channel: '', port: '', start: true });
  const [asked, setAsked] = useState<Answers | null>(null);
  const { begin, busy, failure } = useBegin();
  const input = inputOf(product.product, answers);
  return (
    <Form layout="page" onSubmit={() => void begin('setUp', input)}>
      <div>
        <PageTitle title={`Set up ${product.title}`} />
        <p className="quiet">{product.summary}</p>
      </div>
      <Questions product={product} answers={answers} onChange={setAnswers} />
      {asked === null ? null : <SetUpPlan input={inputOf(product.product, asked)} />}
      {failure === null ? null : <FailureNotice failure={failure} />}
      <div className="row">
        <Button kind="primary" type="submit" busy={busy}>
          Set up
        </Button>
        <Button onClick={() => setAsked(answers)}>Show what will be made</Button>
        <CommandLine command={commandLine('setUp', input)} />
      </div>
    </Form>
  );
}

function Questions({ product, answers, onChange }: { product: ProductSummary; answers: Answers; onChange: (answers: Answers) => void }) {
  const field = (key: Exclude<keyof Answers, 'start'>) => ({
    value: answers[key],
    onChange: (value: string) => onChange({ ...answers, [key]: value }),
  });
  return (
    <Panel title="Where and how">
      <div className="fields">
        <PathField
          label="Home folder"
          choose="chooseFolder"
          placeholder={product.home}
          hint="Where it keeps its data."
          {...field('home')}
        />
        <TextField label="Name" placeholder={product.product} hint="What you call it." isPath {...field('name')} />
      </div>
      <Disclosure summary="More">
        {() => (
          <div className="fields">
            <TextField label="Release" placeholder="the newest" isPath {...field('release')} />
            <ChannelSelect channels={product.channels} {...field('channel')} />
            <TextField label="Port" placeholder="the product's own" inputMode="numeric" pattern="[0-9]{1,5}" isPath {...field('port')} />
          </div>
        )}
      </Disclosure>
      <CheckField checked={answers.start} onChange={(start) => onChange({ ...answers, start })}>
        Start it at once
      </CheckField>
    </Panel>
  );
}

function inputOf(product: string, { name, home, release, channel, port, start }: Answers): MethodInput<'setUp'> {
  return {
    product,
    ...(home !== '' && { home }),
    ...(name !== '' && { name }),
    ...(release !== '' && { release }),
    ...(channel !== '' && { channel }),
    ...(port !== '' && { port: Number(port) }),
    ...(!start && { start }),
  };
}
