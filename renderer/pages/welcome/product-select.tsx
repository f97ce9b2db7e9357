import { SelectField } from '../../components/select-field.tsx';
import { everything } from '../../store/catalogue.ts';
import { useLoaded, useStores } from '../../store/use-stores.ts';

/** The product that a folder is of. */
export function ProductSelect({ value, onChange }: { value: string; onChange: (product: string) => void }) {
  const products = useLoaded(useStores().products, everything);
  return (
    <SelectField
      label="Product"
      placeholder="Choose …"
      value={value}
      onChange={onChange}
      options={(products.value ?? []).map(({ product, title }) => ({ value: product, text: title }))}
      required
    />
  );
}
